/** The broker's retained messages, and the clearing of those of revoked devices. */
@NullMarked
package io.guardbee.broker.retained;

import org.jspecify.annotations.NullMarked;
