/** Tests of clone. */
@NullMarked
package io.guardbee.broker.clone;

import org.jspecify.annotations.NullMarked;
