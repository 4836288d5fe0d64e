/** The real broker with the real zip, and what its tests need around it. */
@NullMarked
package io.guardbee.broker;

import org.jspecify.annotations.NullMarked;
