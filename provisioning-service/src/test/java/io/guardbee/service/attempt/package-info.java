/** Tests. */
@NullMarked
package io.guardbee.service.attempt;

import org.jspecify.annotations.NullMarked;
