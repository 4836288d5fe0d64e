/** Tests of observe. */
@NullMarked
package io.guardbee.broker.observe;

import org.jspecify.annotations.NullMarked;
