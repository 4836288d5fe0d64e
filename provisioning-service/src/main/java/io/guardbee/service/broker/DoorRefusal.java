package io.guardbee.service.broker;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempt.Door;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A refusal at a broker's door, as it goes on record beside those of the service. */
final class DoorRefusal {

  private DoorRefusal() {}

  static Attempt attempt(String node, NodeReport.Refusal said) {
    String code = text(said.reason()).toLowerCase(Locale.ROOT).replace('_', '-');
    Optional<Reason> known = Reason.parse(code);
    String detail = text(said.detail());
    RefusedException why =
        new RefusedException(
            known.orElse(Reason.INTERNAL),
            known.isPresent() ? detail : code + ": " + detail,
            nextStep(known.orElse(Reason.INTERNAL), said.deviceId()));
    return new Attempt(
        Door.BROKER, address(said.address()), said.deviceId(), request(node, said), why);
  }

  private static String request(String node, NodeReport.Refusal said) {
    String stage = text(said.stage()).isEmpty() ? "connect" : text(said.stage());
    String client = said.clientId() == null ? "" : " as client " + Quoted.of(said.clientId());
    String serial = said.serial() == null ? "" : " with certificate " + said.serial();
    return stage + " at " + node + client + serial;
  }

  static String address(@Nullable String said) {
    return said == null || said.isBlank() ? "unknown" : said;
  }

  /** What the device's operator can do: the broker tells what was wrong only. */
  static String nextStep(Reason reason, @Nullable String device) {
    String id = device == null ? "ID" : Quoted.line(device);
    return switch (reason) {
      case CERTIFICATE_REVOKED, CERTIFICATE_EXPIRED, DEVICE_REVOKED, CERTIFICATE_UNKNOWN ->
          "if it may come back: guardbee device grant " + id;
      case CERTIFICATE_SUSPENDED, DEVICE_SUSPENDED ->
          "if it is all right: guardbee device reinstate " + id;
      case CERTIFICATE_UNTRUSTED, CERTIFICATE_MISSING, CERTIFICATE_PURPOSE_WRONG, TLS_FAILED ->
          "have it present the certificate that Guardbee issued to it";
      case CERTIFICATE_NOT_YET_VALID -> "set the clocks of device and broker";
      case CLIENT_ID_MISMATCH -> "have it connect with the client id that its policy rule names";
      case POLICY_NO_RULE, TOPIC_NOT_ALLOWED, ATTRIBUTE_INVALID ->
          "see what decides: guardbee policy test --cert its.pem";
      case CONNECTIONS_EXHAUSTED, RATE_LIMITED ->
          "end what connects in its name besides, or raise the limit of its policy rule";
      case SESSIONS_EXHAUSTED, SUBSCRIPTIONS_EXHAUSTED, FILTER_TOO_LONG ->
          "see what it stores in its broker, or raise the limit of its policy rule";
      case CLONE_SUSPECTED ->
          "find out which one is the device; if its key is out: guardbee device revoke " + id;
      case STATUS_STALE -> "see to the broker's way to the service: guardbee broker status";
      default -> "see the broker's log";
    };
  }

  private static String text(@Nullable String said) {
    return said == null ? "" : said;
  }
}
