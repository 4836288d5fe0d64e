/** Keys that stay inside a PKCS#11 module, usable by anything that speaks JCA. */
@NullMarked
package io.guardbee.hsm;

import org.jspecify.annotations.NullMarked;
