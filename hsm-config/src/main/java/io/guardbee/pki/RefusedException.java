package io.guardbee.pki;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that Guardbee will not carry out, with all that its author may be told: the stable
 * reason, the value and the cause, and the next step. Carries no stack trace: it reports on the
 * input, not on the program. Never holds a secret.
 */
public final class RefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String nextStep;
  private final @Nullable Duration retryAfter;

  /**
   * @param detail the offending value and what is wrong with it; lower case, no full stop
   * @param nextStep what the author can do about it; lower case, no full stop
   */
  public RefusedException(Reason reason, String detail, String nextStep) {
    this(reason, detail, nextStep, null);
  }

  /**
   * A refusal for now.
   *
   * @param retryAfter when the same request may be worth another try
   */
  public RefusedException(
      Reason reason, String detail, String nextStep, @Nullable Duration retryAfter) {
    super(detail, null, false, false);
    this.reason = reason;
    this.nextStep = nextStep;
    this.retryAfter = retryAfter;
  }

  /**
   * Reads a {@link #line()} that another Guardbee program sent, made safe to show.
   *
   * @return empty when the line does not begin with a known reason
   */
  public static Optional<RefusedException> parse(String line) {
    int colon = line.indexOf(": ");
    if (colon < 0) {
      return Optional.empty();
    }
    String rest = Quoted.line(line.substring(colon + 2));
    int semicolon = rest.lastIndexOf("; ");
    String detail = semicolon < 0 ? rest : rest.substring(0, semicolon);
    String nextStep = semicolon < 0 ? "ask the operator" : rest.substring(semicolon + 2);
    return Reason.parse(line.substring(0, colon))
        .map(reason -> new RefusedException(reason, detail, nextStep));
  }

  public Reason reason() {
    return reason;
  }

  /** The offending value and what is wrong with it. */
  public String detail() {
    return String.valueOf(getMessage());
  }

  public String nextStep() {
    return nextStep;
  }

  /** After how long to try again, where that may help (RFC 9110 §10.2.3). */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** One line for a log or a terminal: {@code reason: detail; next step}. */
  public String line() {
    return reason + ": " + detail() + "; " + nextStep;
  }
}
