package io.guardbee.service.revocation;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Why a certificate is not good (RFC 5280 §5.3.1 CRLReason). */
public enum RevocationReason {
  UNSPECIFIED("unspecified", 0),
  KEY_COMPROMISE("keyCompromise", 1),
  AFFILIATION_CHANGED("affiliationChanged", 3),
  SUPERSEDED("superseded", 4),
  CESSATION_OF_OPERATION("cessationOfOperation", 5),
  PRIVILEGE_WITHDRAWN("privilegeWithdrawn", 9),
  /** Its device is suspended: the one that is not for good. */
  CERTIFICATE_HOLD("certificateHold", 6);

  private final String code;
  private final int number;

  RevocationReason(String code, int number) {
    this.code = code;
    this.number = number;
  }

  /** What a revocation that names no reason is recorded with, else the reason that it names. */
  public static RevocationReason asked(@Nullable String code) {
    return code == null ? UNSPECIFIED : parse(code);
  }

  /**
   * Reads the name that RFC 5280 gives it, of a reason to revoke for.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED}
   */
  public static RevocationReason parse(String code) {
    return Arrays.stream(values())
        .filter(reason -> reason != CERTIFICATE_HOLD)
        .filter(reason -> reason.code.equals(code))
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "revocation reason " + Quoted.of(code) + " is none to revoke for",
                    "use one of "
                        + Arrays.stream(values())
                            .filter(reason -> reason != CERTIFICATE_HOLD)
                            .map(RevocationReason::toString)
                            .collect(Collectors.joining(", "))
                        + "; to hold a device back for a time: guardbee device suspend"));
  }

  /** CRLReason of the standard. */
  public int number() {
    return number;
  }

  /** The name that RFC 5280 gives it. */
  @Override
  public String toString() {
    return code;
  }
}
