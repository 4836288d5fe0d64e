/** Attacks on a running Guardbee, bounded in time and number, and what other clients notice. */
@NullMarked
package io.guardbee.bench.attack;

import org.jspecify.annotations.NullMarked;
