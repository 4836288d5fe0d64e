/** How much an identity has done lately, against how much it may do. */
@NullMarked
package io.guardbee.broker.limit;

import org.jspecify.annotations.NullMarked;
