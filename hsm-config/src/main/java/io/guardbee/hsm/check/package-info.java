/** The health and capability report of a token. */
@NullMarked
package io.guardbee.hsm.check;

import org.jspecify.annotations.NullMarked;
