/** A bare MQTT client on one TLS socket, for showing and for counting what the door does. */
@NullMarked
package io.guardbee.probe;

import org.jspecify.annotations.NullMarked;
