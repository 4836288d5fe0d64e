package io.guardbee.hsm.profile;

/** How a module writes CKA_EC_POINT. */
public enum EcPoint {
  /** The bare octets of the point. */
  RAW,

  /** In a DER OCTET STRING, as PKCS#11 v3.0 section 6.3.3 says. */
  WRAPPED,

  /** Not known, or different between versions: look at the octets. */
  EITHER
}
