package io.guardbee.agent.enrol;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What went wrong with an EST request, as one line with a reason and a next step. */
final class Refusal {

  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private Refusal() {}

  /** The server's own words where it is a Guardbee; else its status. And when to come back. */
  static RefusedException of(URI server, HttpResponse<?> answer, String body) {
    int status = answer.statusCode();
    Duration wait = answer.headers().firstValue("Retry-After").flatMap(Refusal::wait).orElse(null);
    RefusedException said =
        RefusedException.parse(body.strip())
            .orElseGet(
                () -> new RefusedException(reason(status), told(server, status), next(status)));
    return new RefusedException(said.reason(), said.detail(), said.nextStep(), wait);
  }

  /** Seconds or a date (RFC 9110 §10.2.3); what is neither is as if it were not there. */
  private static Optional<Duration> wait(String header) {
    String text = header.strip();
    if (text.matches("[0-9]{1,9}")) {
      return Optional.of(bounded(Duration.ofSeconds(Long.parseLong(text))));
    }
    try {
      Instant date = DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
      return Optional.of(bounded(Duration.between(Instant.now(), date)));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** No server's clock or slip keeps a device away for good. */
  private static Duration bounded(Duration told) {
    if (told.isNegative()) {
      return Duration.ZERO;
    }
    return told.compareTo(LONGEST_WAIT) < 0 ? told : LONGEST_WAIT;
  }

  private static Reason reason(int status) {
    return switch (status) {
      case 202 -> Reason.APPROVAL_PENDING; // RFC 7030 §4.2.3: accepted, not yet decided
      case 401, 403 -> Reason.TOKEN_WRONG;
      case 404 -> Reason.NOT_FOUND;
      case 400, 413, 415 -> Reason.REQUEST_MALFORMED;
      default -> Reason.SERVICE_UNREACHABLE;
    };
  }

  private static String told(URI server, int status) {
    return status == 202
        ? server + " has taken the request but nobody has approved it yet"
        : server + " answered with status " + status;
  }

  private static String next(int status) {
    return status == 202 ? "send the same request again later" : "look into the server's log";
  }

  static RefusedException of(URI server, IOException failure) {
    CertificateException untrusted = find(failure, CertificateException.class);
    if (untrusted != null) {
      return new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          server + " does not prove who it is: " + message(untrusted),
          "check the address and the CA fingerprint with the operator; nothing was sent");
    }
    if (failure instanceof SSLException) {
      return unreachable("TLS with " + server + " failed: " + message(failure));
    }
    if (failure instanceof HttpTimeoutException) {
      return unreachable(server + " did not answer in time");
    }
    return unreachable("nothing answers at " + server + ": " + message(failure));
  }

  private static RefusedException unreachable(String detail) {
    return new RefusedException(
        Reason.SERVICE_UNREACHABLE, detail, "check the address and that the service runs there");
  }

  private static String message(Throwable failure) {
    String text = failure.getMessage();
    return text == null ? failure.getClass().getSimpleName() : Quoted.line(text);
  }

  private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }
}
