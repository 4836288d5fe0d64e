/** How much one address or one device may ask for in a minute. */
@NullMarked
package io.guardbee.service.limit;

import org.jspecify.annotations.NullMarked;
