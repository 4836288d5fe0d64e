package io.guardbee.hsm.key;

import io.guardbee.hsm.cryptoki.Ck;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.session.Slot;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.math.BigInteger;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Certificates stored in a token beside its keys, by label. A leaf has its key's CKA_ID, so that
 * other programs find the pair; the authorities above it have none. Safe for many threads.
 */
public final class Certificates {

  private final Slot slot;

  public Certificates(Slot slot) {
    this.slot = slot;
  }

  /**
   * Stores these in place of what had that label.
   *
   * @param keyId of the first one's key in hexadecimal; empty for a trusted certificate
   * @throws RefusedException {@link Reason#MECHANISM_MISSING} when the module stores none
   */
  public void store(String label, String keyId, List<X509Certificate> chain) {
    if (!slot.profile().certificateObjects().orElse(true)) {
      throw new RefusedException(
          Reason.MECHANISM_MISSING,
          Quoted.of(slot.label()) + " stores no certificates (" + slot.profile().title() + ")",
          "keep them in a PEM file beside the key's URI");
    }
    slot.in(
        session -> {
          List<Long> old = handles(session, label);
          String id = keyId;
          for (X509Certificate certificate : chain) {
            slot.cryptoki().create(session, attributes(label, id, certificate));
            id = "";
          }
          for (long handle : old) { // only now: a failure must not leave the label empty
            slot.cryptoki().destroy(session, handle);
          }
          return chain;
        });
  }

  private static Map<Long, Object> attributes(
      String label, String keyId, X509Certificate certificate) {
    Map<Long, Object> attributes = new HashMap<>();
    attributes.put(Ck.CKA_CLASS, Ck.CKO_CERTIFICATE);
    attributes.put(Ck.CKA_CERTIFICATE_TYPE, Ck.CKC_X_509);
    attributes.put(Ck.CKA_TOKEN, true);
    attributes.put(Ck.CKA_PRIVATE, false);
    attributes.put(Ck.CKA_LABEL, label);
    attributes.put(Ck.CKA_ID, HexFormat.of().parseHex(keyId));
    attributes.put(Ck.CKA_SUBJECT, certificate.getSubjectX500Principal().getEncoded());
    attributes.put(Ck.CKA_ISSUER, certificate.getIssuerX500Principal().getEncoded());
    attributes.put(Ck.CKA_SERIAL_NUMBER, derInteger(certificate.getSerialNumber()));
    try {
      attributes.put(Ck.CKA_VALUE, certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read encodes", e);
    }
    return attributes;
  }

  /** PKCS#11 v3.0 §4.6.3: the serial number is the DER encoding, not the bare octets. */
  private static byte[] derInteger(BigInteger serial) {
    byte[] value = serial.toByteArray();
    byte[] der = new byte[2 + value.length];
    der[0] = 2;
    der[1] = (byte) value.length; // at most 21 octets (RFC 5280 §4.1.2.2)
    System.arraycopy(value, 0, der, 2, value.length);
    return der;
  }

  /** The certificates of that label, a leaf before its authorities; empty when there is none. */
  public List<X509Certificate> find(String label) {
    return ordered(
        slot.in(
            session -> {
              List<X509Certificate> found = new ArrayList<>();
              for (long handle : handles(session, label)) {
                if (slot.cryptoki().attribute(session, handle, Ck.CKA_VALUE)
                    instanceof byte[] der) {
                  found.add(Pem.decode(der));
                }
              }
              return found;
            }));
  }

  /** Modules give objects in any order: whose issuer is no other's subject stands last. */
  private static List<X509Certificate> ordered(List<X509Certificate> certificates) {
    List<X509Certificate> left = new ArrayList<>(certificates);
    List<X509Certificate> chain = new ArrayList<>();
    while (!left.isEmpty()) {
      X509Certificate next =
          left.stream()
              .filter(
                  candidate ->
                      left.stream()
                          .noneMatch(
                              other ->
                                  !other.equals(candidate)
                                      && other
                                          .getIssuerX500Principal()
                                          .equals(candidate.getSubjectX500Principal())))
              .findFirst()
              .orElse(left.get(0));
      chain.add(next);
      left.remove(next);
    }
    return chain;
  }

  /** Every label that a certificate has. */
  public Set<String> labels() {
    return slot.in(
        session -> {
          Set<String> labels = new TreeSet<>();
          for (long handle :
              slot.cryptoki().find(session, Map.of(Ck.CKA_CLASS, Ck.CKO_CERTIFICATE))) {
            if (slot.cryptoki().attribute(session, handle, Ck.CKA_LABEL) instanceof char[] label) {
              labels.add(new String(label));
            }
          }
          return labels;
        });
  }

  /** Destroys the certificates of that label; does nothing when there is none. */
  public void destroy(String label) {
    slot.in(
        session -> {
          List<Long> found = handles(session, label);
          for (long handle : found) {
            slot.cryptoki().destroy(session, handle);
          }
          return found;
        });
  }

  private List<Long> handles(long session, String label) throws CryptokiException {
    List<Long> handles = new ArrayList<>();
    for (long handle :
        slot.cryptoki()
            .find(session, Map.of(Ck.CKA_CLASS, Ck.CKO_CERTIFICATE, Ck.CKA_LABEL, label))) {
      handles.add(handle);
    }
    return handles;
  }
}
