/** The certificate authorities and their keys in the PKCS#11 token. */
@NullMarked
package io.guardbee.service.authority;

import org.jspecify.annotations.NullMarked;
