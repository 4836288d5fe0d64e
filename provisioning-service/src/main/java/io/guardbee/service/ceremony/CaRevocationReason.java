package io.guardbee.service.ceremony;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.security.cert.CRLReason;
import java.security.cert.X509CRLEntry;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Why an authority is revoked, with its number in RFC 5280 §5.3.1. */
public enum CaRevocationReason {
  KEY_COMPROMISE("keyCompromise", 1, CRLReason.KEY_COMPROMISE),
  CA_COMPROMISE("cACompromise", 2, CRLReason.CA_COMPROMISE),
  AFFILIATION_CHANGED("affiliationChanged", 3, CRLReason.AFFILIATION_CHANGED),
  SUPERSEDED("superseded", 4, CRLReason.SUPERSEDED),
  CESSATION_OF_OPERATION("cessationOfOperation", 5, CRLReason.CESSATION_OF_OPERATION);

  private final String code;
  private final int number;
  private final CRLReason standard;

  CaRevocationReason(String code, int number, CRLReason standard) {
    this.code = code;
    this.number = number;
    this.standard = standard;
  }

  /**
   * Reads the name that RFC 5280 gives it.
   *
   * @throws RefusedException {@link Reason#REQUEST_MALFORMED}
   */
  public static CaRevocationReason parse(String code) {
    return Arrays.stream(values())
        .filter(reason -> reason.code.equals(code))
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "revocation reason " + Quoted.of(code) + " is not one for an authority",
                    "use one of "
                        + Arrays.stream(values())
                            .map(CaRevocationReason::toString)
                            .collect(Collectors.joining(", "))));
  }

  static Optional<CaRevocationReason> of(X509CRLEntry entry) {
    return Arrays.stream(values())
        .filter(reason -> reason.standard == entry.getRevocationReason())
        .findFirst();
  }

  /** CRLReason of the standard. */
  int number() {
    return number;
  }

  /** The name that RFC 5280 gives it. */
  @Override
  public String toString() {
    return code;
  }
}
