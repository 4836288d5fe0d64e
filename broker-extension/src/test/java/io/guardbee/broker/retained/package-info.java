/** Tests of the clearing of retained messages. */
@NullMarked
package io.guardbee.broker.retained;

import org.jspecify.annotations.NullMarked;
