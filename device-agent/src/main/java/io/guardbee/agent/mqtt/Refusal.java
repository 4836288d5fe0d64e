package io.guardbee.agent.mqtt;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What the broker or the way to it refused, as one line with a reason and a next step. */
final class Refusal {

  private static final String SEE_STATUS =
      "see guardbee device show, and guardbee agent status; the broker's log names the reason";

  private Refusal() {}

  /** Why a connection did not come about, or broke. */
  static RefusedException connection(String broker, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      RefusedException known = known(broker, cause);
      if (known != null) {
        return known;
      }
    }
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return unreachable("the connection to " + broker + " failed: " + message(root));
  }

  private static @Nullable RefusedException known(String broker, Throwable cause) {
    if (cause instanceof ConnackRefused no) {
      return packet(
          broker + " refused the connection", reason(no.code()), no.code(), no.reasonString());
    }
    if (cause instanceof CertificateException) {
      return new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          broker + " does not prove who it is: " + message(cause),
          "check the broker's address with the operator");
    }
    if (cause instanceof SSLException && message(cause).contains("alert")) {
      return new RefusedException(
          Reason.CERTIFICATE_UNTRUSTED,
          broker + " refused the device's certificate in TLS: " + message(cause),
          SEE_STATUS);
    }
    if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
      return unreachable("nothing answers at " + broker + ": " + message(cause));
    }
    if (cause instanceof EOFException) {
      return unreachable(broker + " closed the connection");
    }
    return null;
  }

  /** Why the broker ended the connection: HiveMQ itself does so over a forbidden topic. */
  static RefusedException ended(String broker, int code, @Nullable String reasonString) {
    Reason reason = code == ReasonCode.NOT_AUTHORIZED ? Reason.TOPIC_NOT_ALLOWED : reason(code);
    return packet(broker + " ended the connection", reason, code, reasonString);
  }

  /** What a packet with a reason code says; the broker's own line where it is a Guardbee's. */
  private static RefusedException packet(
      String what, Reason reason, int code, @Nullable String reasonString) {
    String told = reasonString == null ? "" : reasonString;
    return RefusedException.parse(told)
        .orElseGet(
            () ->
                new RefusedException(
                    reason,
                    what
                        + ": "
                        + ReasonCode.name(code)
                        + (told.isEmpty() ? "" : ", " + Quoted.line(told)),
                    SEE_STATUS));
  }

  private static Reason reason(int code) {
    return switch (code) {
      case ReasonCode.NOT_AUTHORIZED, 0x86, 0x8A, 0x98 -> Reason.CERTIFICATE_UNTRUSTED;
      case 0x85 -> Reason.CLIENT_ID_MISMATCH;
      default -> Reason.SERVICE_UNREACHABLE;
    };
  }

  /** What a PUBACK or SUBACK says of a topic. */
  static RefusedException topic(String topic, int code, @Nullable String reasonString) {
    String why = reasonString == null ? "" : ", " + Quoted.line(reasonString);
    return new RefusedException(
        code == ReasonCode.NOT_AUTHORIZED ? Reason.TOPIC_NOT_ALLOWED : Reason.REQUEST_MALFORMED,
        "topic " + Quoted.of(topic) + " refused: " + ReasonCode.name(code) + why,
        "use a topic that the policy allows this device, such as devices/<its id>/telemetry/…");
  }

  static RefusedException unreachable(String detail) {
    return new RefusedException(
        Reason.SERVICE_UNREACHABLE, detail, "check the broker's address and that it runs");
  }

  private static String message(Throwable failure) {
    String text = failure.getMessage();
    return text == null ? failure.getClass().getSimpleName() : Quoted.line(text);
  }
}
