package io.guardbee.broker.status;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Why a certificate must not come in; the later, the heavier. */
public enum Block {
  /** Only the certificate has ended, since the device has its successor. */
  SUPERSEDED(1),
  /** For now. */
  SUSPENDED(2),
  /** For good. */
  REVOKED(3);

  /** By {@link #code}, made once: asking makes no objects. */
  private static final List<Optional<Block>> BY_CODE =
      List.of(
          Optional.empty(), Optional.of(SUPERSEDED), Optional.of(SUSPENDED), Optional.of(REVOKED));

  private final int code;

  Block(int code) {
    this.code = code;
  }

  /** As the feed calls it; what this version has no word for keeps a certificate out for good. */
  static Block parse(String status) {
    return switch (status) {
      case "superseded" -> SUPERSEDED;
      case "suspended" -> SUSPENDED;
      default -> REVOKED;
    };
  }

  /** As files have it, from 1 to 3: 0 says that nothing is known. */
  int code() {
    return code;
  }

  static Optional<Block> of(int code) {
    return BY_CODE.get(code);
  }

  /** Whether the device itself is out: nothing that it has in the broker stays. */
  public boolean dropsSessions() {
    return this != SUPERSEDED;
  }

  /** What the owner of that certificate is told. */
  public RefusedException refusal(CertificateKey key, String deviceId) {
    return new RefusedException(
        this == SUSPENDED ? Reason.CERTIFICATE_SUSPENDED : Reason.CERTIFICATE_REVOKED,
        "certificate " + key.serial() + " is " + name().toLowerCase(Locale.ROOT),
        switch (this) {
          case SUPERSEDED -> "connect with the certificate that was issued after it";
          case SUSPENDED -> "ask the operator to end that: guardbee device reinstate " + deviceId;
          case REVOKED -> "enrol again: ask the operator for guardbee device grant";
        });
  }
}
