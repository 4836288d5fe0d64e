/** Tests of the door. */
@NullMarked
package io.guardbee.broker.door;

import org.jspecify.annotations.NullMarked;
