/** Tests. */
@NullMarked
package io.guardbee.service.limit;

import org.jspecify.annotations.NullMarked;
