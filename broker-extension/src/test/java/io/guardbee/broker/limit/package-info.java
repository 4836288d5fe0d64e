/** Tests of limit. */
@NullMarked
package io.guardbee.broker.limit;

import org.jspecify.annotations.NullMarked;
