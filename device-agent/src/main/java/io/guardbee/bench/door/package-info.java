/** {@code guardbee bench door}: what the broker's door costs, beside brokers without one. */
@NullMarked
package io.guardbee.bench.door;

import org.jspecify.annotations.NullMarked;
