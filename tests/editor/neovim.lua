-- What a person does in Neovim, done by a script. Each check prints a line; the last command ends Neovim with 1 if one failed.

local failed = 0
local buffer = vim.api.nvim_get_current_buf()
local root = vim.fn.getcwd()

local function report(name, wrong)
  if wrong then
    failed = failed + 1
  end
  io.stdout:write((wrong and ("FAILED  " .. name .. ": " .. tostring(wrong)) or ("ok      " .. name)) .. "\n")
end

local function lines()
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
end

-- Waits until the editor shows this many findings.
local function shown(number)
  local found
  vim.wait(20000, function()
    found = vim.diagnostic.get(buffer)
    return #found == number
  end, 20)
  return found
end

-- Puts the cursor where a text begins, some letters further on.
local function go_to(text, letters)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local start = line:find(text, 1, true)
    if start then
      vim.api.nvim_win_set_cursor(0, { number, start - 1 + letters })
      return
    end
  end
  error("no line has " .. text)
end

local function ask(method, extra)
  local parameters = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, "utf-16"), extra or {})
  local answers = vim.lsp.buf_request_sync(buffer, method, parameters, 10000) or {}
  for _, answer in pairs(answers) do
    return answer.result
  end
end

local client = vim.lsp.start_client({
  name = "rosterctl",
  cmd = { vim.env.ROSTERCTL, "lsp" },
  root_dir = root,
  workspace_folders = { { uri = vim.uri_from_fname(root), name = "college" } },
})
vim.lsp.buf_attach_client(buffer, client)

-- Diagnostics, as they come.
local found = shown(1)
report("a finding is shown", #found ~= 1 and vim.inspect(found))
report("it has its code", found[1] and found[1].code ~= "needs-quotes" and vim.inspect(found[1]))

-- A code action, applied as the person's choice would be.
go_to("00301", 1)
local range = vim.lsp.util.make_range_params(0, "utf-16")
range.context = { diagnostics = {} }
local actions
for _, answer in pairs(vim.lsp.buf_request_sync(buffer, "textDocument/codeAction", range, 10000) or {}) do
  actions = answer.result
end
report("a fix is offered", not (actions and actions[1]) and vim.inspect(actions))
if actions and actions[1] then
  vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
  report("the fix is applied", not lines():find('misId: "00301"', 1, true) and lines())
end
report("the finding goes", #shown(0) ~= 0 and vim.inspect(vim.diagnostic.get(buffer)))

-- A text that isn't saved, behind an emoji and an accent.
go_to("lastName: Lake", 0)
vim.api.nvim_set_current_line('    lastName: Tru')
vim.api.nvim_set_current_line('    lastName: True')
report("what isn't saved counts", #shown(1) ~= 1 and vim.inspect(vim.diagnostic.get(buffer)))
vim.api.nvim_set_current_line('    lastName: Lake')
report("and goes again", #shown(0) ~= 0 and vim.inspect(vim.diagnostic.get(buffer)))

-- Completion.
vim.api.nvim_buf_set_lines(buffer, -1, -1, false, { "    classroom: B" })
go_to("    classroom: B", #"    classroom: B" - 1)
vim.api.nvim_win_set_cursor(0, { vim.fn.line("."), #"    classroom: B" })
local offered = ask("textDocument/completion")
local first = offered and offered.items and offered.items[1] or {}
report("a name of OneFile is offered", first.label ~= "Bakery" and vim.inspect(offered))
report("with its age", not (first.detail or ""):find("days ago", 1, true) and vim.inspect(first))
vim.api.nvim_buf_set_lines(buffer, -2, -1, false, {})

-- Definition, references, hover.
go_to("defaultAssessor: A-1", #"defaultAssessor: A")
local places = ask("textDocument/definition")
local place = places and places[1] or {}
report("the definition is in the other file", not (place.uri or ""):find("staff.yaml", 1, true) and vim.inspect(places))
local names = ask("textDocument/references", { context = { includeDeclaration = true } })
report("references are found", not (names and #names == 2) and vim.inspect(names))
local hover = ask("textDocument/hover")
local said = hover and hover.contents and hover.contents.value or ""
report("hovering explains", not said:find("declared in users/staff.yaml, line 2", 1, true) and vim.inspect(hover))
vim.lsp.buf.definition()
vim.wait(10000, function()
  return vim.api.nvim_buf_get_name(0):find("staff.yaml", 1, true) ~= nil
end, 20)
report("the editor goes there", not vim.api.nvim_buf_get_name(0):find("staff.yaml", 1, true) and vim.api.nvim_buf_get_name(0))

-- It ends with its editor.
vim.lsp.stop_client(client)
local ended = vim.wait(10000, function()
  return vim.lsp.client_is_stopped(client)
end, 20)
report("the server ends", not ended and "it still runs")

io.stdout:write(failed .. " checks failed.\n")
vim.cmd(failed == 0 and "qall!" or "cquit 1")
