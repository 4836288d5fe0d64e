package io.guardbee.hsm.key;

import java.security.PrivateKey;
import java.security.PublicKey;

/**
 * A key pair in a token. The private key works with any JCA consumer and never leaves its module;
 * it works as long as the token is open.
 *
 * @param label CKA_LABEL
 * @param id CKA_ID in lower-case hexadecimal, the same for both halves
 * @param privateKey {@link PrivateKey#getEncoded()} is null
 */
public record TokenKey(
    String label, String id, KeyType type, PublicKey publicKey, PrivateKey privateKey) {}
