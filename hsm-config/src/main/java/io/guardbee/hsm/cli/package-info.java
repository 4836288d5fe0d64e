/** {@code guardbee hsm}: check, make ready and look into tokens. */
@NullMarked
package io.guardbee.hsm.cli;

import org.jspecify.annotations.NullMarked;
