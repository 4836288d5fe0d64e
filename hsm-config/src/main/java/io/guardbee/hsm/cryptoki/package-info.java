/** The functions of a PKCS#11 library one by one, and what their return codes ask for. */
@NullMarked
package io.guardbee.hsm.cryptoki;

import org.jspecify.annotations.NullMarked;
