/** Figures of the door that need no broker; {@code guardbee bench door} runs them as a process. */
@NullMarked
package io.guardbee.broker.bench;

import org.jspecify.annotations.NullMarked;
