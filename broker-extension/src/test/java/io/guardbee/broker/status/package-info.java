/** Tests of the status index. */
@NullMarked
package io.guardbee.broker.status;

import org.jspecify.annotations.NullMarked;
