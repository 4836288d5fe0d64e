package io.guardbee.service.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All there is to say. Holds no secret.
 *
 * @param kind of what was asked about: a device, a certificate or a request
 * @param deviceId whose it is, where that is known
 * @param mayAskFor what the device would be given now or soon
 * @param attempts the last ones, newest first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Report(
    String kind,
    @Nullable String deviceId,
    List<Finding> findings,
    List<Token> tokens,
    List<Certificate> certificates,
    List<String> mayAskFor,
    List<Attempt> attempts,
    String nextStep) {

  /**
   * A one-time token, but for its text, which nobody knows any more.
   *
   * @param state open, used, expired or withdrawn
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Token(
      String state,
      String profile,
      Instant granted,
      Instant expires,
      @Nullable Instant used,
      @Nullable Instant withdrawn) {}

  /**
   * A certificate of the device.
   *
   * @param state {@code active}, {@code superseded}, {@code expired}, {@code revoked}, {@code
   *     suspended} or {@code reserved} while it is being issued
   * @param way by what right it was issued
   * @param until its end, or the earlier one that its successor's issue has set
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Certificate(
      String serial,
      String issuer,
      String state,
      String way,
      Instant from,
      Instant until,
      @Nullable Instant revoked,
      @Nullable String revocationReason) {}

  /**
   * Something that the device asked for, or somebody in its name.
   *
   * @param outcome {@code issued}, or the stable reason of a refusal
   * @param times how often within a minute
   * @param address where from; of issued certificates it is not kept
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Attempt(
      Instant at,
      String outcome,
      int times,
      @Nullable String door,
      @Nullable String address,
      @Nullable String request,
      String detail,
      @Nullable String nextStep) {}

  public Report {
    findings = List.copyOf(findings);
    tokens = List.copyOf(tokens);
    certificates = List.copyOf(certificates);
    mayAskFor = List.copyOf(mayAskFor);
    attempts = List.copyOf(attempts);
  }
}
