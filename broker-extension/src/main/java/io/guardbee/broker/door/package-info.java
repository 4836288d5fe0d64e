/** The way of a connection: TLS handshake, CONNECT, rights, and its end (DESIGN §6). */
@NullMarked
package io.guardbee.broker.door;

import org.jspecify.annotations.NullMarked;
