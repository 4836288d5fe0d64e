package io.guardbee.hsm;

import java.security.PrivateKey;
import java.security.PublicKey;

/**
 * A key pair in a token. The private key works with any JCA consumer and never leaves its module;
 * it works as long as a {@link Token} of the same token is open.
 *
 * @param label CKA_LABEL
 * @param id CKA_ID in lower-case hexadecimal, the same for both halves
 * @param privateKey {@link PrivateKey#getEncoded()} is null
 */
public record TokenKey(String label, String id, PublicKey publicKey, PrivateKey privateKey) {}
