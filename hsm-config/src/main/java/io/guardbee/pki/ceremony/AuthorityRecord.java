package io.guardbee.pki.ceremony;

import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.SigningAlgorithm;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one verified record says of authorities.
 *
 * @param number counts the ceremonies of a root from 1
 * @param previous fingerprint of the record before; empty in the first
 * @param fingerprint of this record
 * @param crl PEM of the list of revoked authorities that the ceremony signed; empty for none
 */
record AuthorityRecord(
    long number, String previous, String fingerprint, List<Certified> certified, String crl) {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int VERSION = 1;

  AuthorityRecord {
    certified = List.copyOf(certified);
  }

  /** A certificate that the root signed for a role. */
  record Certified(String role, X509Certificate certificate) {}

  /**
   * Verifies the signature, then reads.
   *
   * @throws RefusedException {@link Reason#CERTIFICATE_UNTRUSTED}
   */
  static AuthorityRecord verify(X509Certificate root, SignedRecord record) {
    if (!isSigned(root, record)) {
      throw refused("a ceremony record is altered, or not signed by the root that is known here");
    }
    try {
      JsonNode node = JSON.readTree(record.octets());
      if (node.path("version").asInt(0) != VERSION || node.path("number").asLong(0) < 1) {
        throw refused("a ceremony record is of another version than " + VERSION);
      }
      return new AuthorityRecord(
          node.path("number").asLong(),
          node.path("previous").asString(""),
          Fingerprint.of(record.octets()).toString(),
          certified(node.path("certificates")),
          node.path("crl").path("pem").asString(""));
    } catch (JacksonException e) {
      throw refused("a ceremony record does not parse");
    }
  }

  static boolean isSigned(X509Certificate root, SignedRecord record) {
    try {
      return SigningAlgorithm.isGood(
          root.getPublicKey(), record.octets(), Base64.getDecoder().decode(record.signature()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static List<Certified> certified(JsonNode notes) {
    List<Certified> all = new ArrayList<>();
    for (JsonNode note : notes) {
      String role = note.path("role").asString("");
      Pem.parseCertificates(note.path("pem").asString(""))
          .forEach(certificate -> all.add(new Certified(role, certificate)));
    }
    return all;
  }

  static RefusedException refused(String detail) {
    return new RefusedException(
        Reason.CERTIFICATE_UNTRUSTED,
        detail,
        "restore ca/ceremonies of the service's home from a backup, and see guardbee ca show");
  }
}
