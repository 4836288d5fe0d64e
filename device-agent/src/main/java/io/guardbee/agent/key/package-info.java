/** Where a device's key lives: in a PKCS#11 token, or in a file when that is asked for. */
@NullMarked
package io.guardbee.agent.key;

import org.jspecify.annotations.NullMarked;
