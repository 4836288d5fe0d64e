/** What one broker node is told: conf/guardbee.yaml and the system properties over it. */
@NullMarked
package io.guardbee.broker.config;

import org.jspecify.annotations.NullMarked;
