package io.guardbee.service.ceremony;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Serial;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The authorities of a home and whether the records of their ceremonies hold.
 *
 * @param authorities root first; in each role the current one before its predecessors
 * @param crl null when there has been none
 * @param problems what does not fit, beside the ceremonies that are not verified
 */
public record CaReport(
    List<Authority> authorities,
    @Nullable Crl crl,
    List<Ceremony> ceremonies,
    List<String> problems) {

  /** The state of a record that is as the root signed it, in its place. */
  public static final String VERIFIED = "verified";

  public CaReport {
    authorities = List.copyOf(authorities);
    ceremonies = List.copyOf(ceremonies);
    problems = List.copyOf(problems);
  }

  /** Whether every record is verified and nothing else is amiss. */
  public boolean isGood() {
    return problems.isEmpty()
        && ceremonies.stream().allMatch(ceremony -> ceremony.state().equals(VERIFIED));
  }

  /**
   * An authority's certificate.
   *
   * @param state {@code current}, or {@code predecessor}: believed, but signs no more
   */
  public record Authority(
      String role,
      String state,
      String file,
      String subject,
      String serial,
      Instant until,
      String fingerprint) {

    static Authority of(String role, String state, Path file, X509Certificate certificate) {
      return new Authority(
          role,
          state,
          file.toString(),
          certificate.getSubjectX500Principal().getName(),
          Serial.of(certificate).toString(),
          certificate.getNotAfter().toInstant(),
          Fingerprint.of(certificate).toString());
    }
  }

  /**
   * The root's list of revoked authorities.
   *
   * @param due whether two thirds of its life are over
   */
  public record Crl(
      String file,
      long number,
      Instant thisUpdate,
      Instant nextUpdate,
      boolean due,
      boolean outdated,
      List<Revoked> revoked) {

    public Crl {
      revoked = List.copyOf(revoked);
    }
  }

  /**
   * A revoked authority.
   *
   * @param reason as RFC 5280 names it; empty when none was given
   */
  public record Revoked(String serial, Instant revoked, String reason) {}

  /**
   * A ceremony as its record tells it.
   *
   * @param time empty when the record does not tell
   * @param state {@link #VERIFIED}, or what is wrong with the record
   */
  public record Ceremony(int number, String kind, String time, String file, String state) {

    static Ceremony missing(int number) {
      return new Ceremony(number, "unknown", "", "", "its record is missing");
    }
  }
}
