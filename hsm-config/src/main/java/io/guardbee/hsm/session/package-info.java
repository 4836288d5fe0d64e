/** Sessions with a token that ride through its faults: library, login, pool, circuit. */
@NullMarked
package io.guardbee.hsm.session;

import org.jspecify.annotations.NullMarked;
