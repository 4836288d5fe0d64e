/** Tests of the configuration. */
@NullMarked
package io.guardbee.broker.config;

import org.jspecify.annotations.NullMarked;
