/** Keys in PKCS#11 modules, whose classes are loaded only where a key is in one. */
@NullMarked
package io.guardbee.broker.module;

import org.jspecify.annotations.NullMarked;
