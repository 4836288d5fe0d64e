/** Tests of what this node believes. */
@NullMarked
package io.guardbee.broker.trust;

import org.jspecify.annotations.NullMarked;
