/** Guardbee's extension for HiveMQ: its beginning and its end. */
@NullMarked
package io.guardbee.broker;

import org.jspecify.annotations.NullMarked;
