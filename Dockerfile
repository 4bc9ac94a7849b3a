FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY src/package.json ./src/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

# The packages of production: not PGlite, which only development needs.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY src/package.json ./src/
RUN npm ci --no-audit --no-fund --omit=dev

FROM node:24-slim
WORKDIR /app
# The limit of the heap belongs to the sum of memory that docs/operations.md gives for the default sizes: other sizes need another limit.
ENV NODE_ENV=production HOST=0.0.0.0 NODE_OPTIONS=--max-old-space-size=576
COPY --from=packages /app/package.json ./
COPY --from=packages /app/src ./src
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/schema ./schema
COPY --from=build /app/warm ./warm
COPY --from=build /app/dist ./dist
COPY --from=build /app/web/dist ./web/dist
# npm links the command to the sources, which the image does not hold.
RUN chmod +x dist/tidegate.js && ln -sf ../../dist/tidegate.js node_modules/.bin/tidegate
USER node
EXPOSE 4000
CMD ["node", "dist/main.js"]
