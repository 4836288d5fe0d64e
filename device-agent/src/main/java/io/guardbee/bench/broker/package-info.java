/** The brokers that Guardbee's is compared with, run beside it on the same certificates. */
@NullMarked
package io.guardbee.bench.broker;

import org.jspecify.annotations.NullMarked;
