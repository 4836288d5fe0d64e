/** PKCS#11 URIs (RFC 7512): which token, which key, which module, where the PIN is. */
@NullMarked
package io.guardbee.hsm.uri;

import org.jspecify.annotations.NullMarked;
