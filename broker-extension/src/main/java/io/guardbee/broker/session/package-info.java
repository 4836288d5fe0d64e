/** The broker's sessions, as far as the door acts on them, and whose each is. */
@NullMarked
package io.guardbee.broker.session;

import org.jspecify.annotations.NullMarked;
