/** Fixtures that every module's tests share. */
@NullMarked
package io.guardbee.testing;

import org.jspecify.annotations.NullMarked;
