package io.guardbee.hsm.cryptoki;

/**
 * CK_RSA_PKCS_PSS_PARAMS.
 *
 * @param hash the hash's mechanism, CKM_SHA256 and so on
 * @param mgf CKG_MGF1_…
 */
public record PssParameters(long hash, long mgf, int saltOctets) {}
