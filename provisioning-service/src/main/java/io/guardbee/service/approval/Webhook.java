package io.guardbee.service.approval;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.config.Config;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks a program of the operator's over HTTPS. Whatever is not a clear answer is none, and nobody
 * is let in by it. Thread-safe.
 */
final class Webhook {

  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** A program that hangs holds up so many of the server's threads, and no more. */
  private static final int AT_ONCE = 16;

  private static final Duration COME_BACK = Duration.ofSeconds(1);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(4);

  private final Semaphore places = new Semaphore(AT_ONCE);
  private final HttpClient http;
  private final Config.Approval config;
  private final Seal seal;
  private final Clock clock;

  private Webhook(HttpClient http, Config.Approval config, Seal seal, Clock clock) {
    this.http = http;
    this.config = config;
    this.seal = seal;
    this.clock = clock;
  }

  /**
   * Reads what the settings name.
   *
   * @param directory where relative paths begin
   */
  static Webhook open(Config.Approval config, Path directory, Clock clock) throws IOException {
    String trust = config.webhook().trustFile();
    HttpClient http =
        HttpClient.newBuilder()
            .sslContext(WebhookFiles.tls(trust.isBlank() ? null : directory.resolve(trust)))
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER) // the signed question is for that address
            .connectTimeout(config.webhook().timeout())
            .build();
    byte[] secret = WebhookFiles.secret(directory.resolve(config.webhook().secretFile()));
    return new Webhook(http, config, new Seal(secret), clock);
  }

  /** The question on the wire. */
  private record Question(
      String id,
      String deviceId,
      String key,
      String profile,
      String way,
      String right,
      String address) {}

  /** A try that brought no answer. */
  private static final class NoAnswer extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean worthAnother;

    NoAnswer(String what, boolean worthAnother) {
      super(what, null, false, false);
      this.worthAnother = worthAnother;
    }
  }

  /**
   * Asks, and asks again where that may help.
   *
   * @throws RefusedException {@link Reason#APPROVAL_UNAVAILABLE} when there is no clear answer, or
   *     too many are being asked about at this moment
   */
  Ruling ask(Petition petition) {
    if (!places.tryAcquire()) {
      LOG.warn("approval webhook: {} are being asked about at this moment already", AT_ONCE);
      throw unavailable(petition.deviceId().value(), COME_BACK);
    }
    try {
      return ask(question(petition));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(petition.deviceId().value(), config.retryAfter());
    } finally {
      places.release();
    }
  }

  private static Question question(Petition petition) {
    return new Question(
        UUID.randomUUID().toString(),
        petition.deviceId().value(),
        petition.key().toString(),
        petition.profile(),
        petition.way(),
        petition.right(),
        petition.address());
  }

  private Ruling ask(Question question) throws InterruptedException {
    byte[] body = JSON.writeValueAsBytes(question);
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      try {
        return read(send(body));
      } catch (NoAnswer e) {
        LOG.warn(
            "approval webhook, attempt {} about device {}: {}",
            attempt,
            question.deviceId(),
            e.getMessage());
        if (attempt == config.webhook().attempts() || !e.worthAnother) {
          throw unavailable(question.deviceId(), config.retryAfter());
        }
      }
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }
  }

  private byte[] send(byte[] body) throws NoAnswer, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(config.webhook().url()))
            .header("Content-Type", "application/json")
            .header(Seal.HEADER, seal.of(body, clock.instant()))
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    // the client's own time-out ends with the answer's first octet
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, head -> new BoundedBody());
    try {
      HttpResponse<byte[]> response =
          answer.get(config.webhook().timeout().toMillis(), TimeUnit.MILLISECONDS);
      int status = response.statusCode();
      if (status != 200) {
        throw new NoAnswer("it answered with status " + status, status >= 500 || status == 429);
      }
      return response.body();
    } catch (TimeoutException e) {
      throw new NoAnswer("no answer within " + config.webhook().timeout(), true);
    } catch (ExecutionException e) {
      throw new NoAnswer(Quoted.failure(e.getCause() == null ? e : e.getCause()), true);
    } finally {
      answer.cancel(true);
    }
  }

  private static Ruling read(byte[] body) throws NoAnswer {
    try {
      JsonNode said = JSON.readTree(body);
      String reason = said.path("reason").asString("");
      return switch (said.path("decision").asString("")) {
        case "approve" -> Ruling.of(Entry.APPROVED, Ruling.WEBHOOK, reason);
        case "deny" -> Ruling.of(Entry.DENIED, Ruling.WEBHOOK, reason);
        case "pending" -> Ruling.of(Entry.PENDING, Ruling.WEBHOOK, reason);
        default -> throw new NoAnswer("its answer has no decision approve, deny or pending", false);
      };
    } catch (JacksonException e) {
      throw new NoAnswer("its answer is not JSON", false);
    }
  }

  /** The device is told no more than that: why is for the operator, and in the log. */
  private static RefusedException unavailable(String deviceId, Duration retryAfter) {
    return new RefusedException(
        Reason.APPROVAL_UNAVAILABLE,
        "the approval webhook has no answer about device " + deviceId + " at this moment",
        "send the same request again later: the service's log tells the operator the cause",
        retryAfter);
  }
}
